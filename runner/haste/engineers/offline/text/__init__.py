"""The specialist for texts: n-grams, linear models, naive Bayes, and stacks of them."""
