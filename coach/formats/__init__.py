"""Date and time formats on every page, where Django's own differ from ours: `FORMAT_MODULE_PATH`."""
