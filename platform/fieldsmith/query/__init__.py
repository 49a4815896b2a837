"""Lists: views and queries compiled to SQL, paged by key, counted within bounds."""
