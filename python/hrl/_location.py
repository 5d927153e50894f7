"""Where the library was installed; meson replaces this file at installation."""

LIBRARY_FOLDER = ""
