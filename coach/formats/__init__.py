"""How dates and times are written on every page, where Django's own way is not ours: `FORMAT_MODULE_PATH`."""
