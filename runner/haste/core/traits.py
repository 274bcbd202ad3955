"""The traits of a competition's data that conditions may ask for. A profile has those that fit its data."""

TRAITS = frozenset(
    {
        "rows", "test_rows", "columns", "rows_per_column", "missing_share", "missing_columns", "numeric_columns",
        "categorical_columns", "boolean_columns", "text_columns", "date_columns", "constant_columns",
        "max_cardinality", "max_unseen", "max_skew", "mean_words", "targets", "class_count", "minority_share",
        "majority_share", "target_skew", "target_is_integer", "target_positive", "target_unique", "target_at_limit",
        "task", "metric", "is_series", "has_row_files", "row_file_kind", "duplicates", "test_repeats", "domain",
    }
)  # fmt: skip
