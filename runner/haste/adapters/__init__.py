"""One door per outside thing. Nothing above imports these by name but `bootstrap` and `cli`."""
