"""The named models, one file each: a `build` function whose keywords are the model's parameters."""
