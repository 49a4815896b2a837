"""The studio: screens with which administrators shape the system. Each module is one screen; `routes` lists them."""
