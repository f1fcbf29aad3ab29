"""Web: pages for people, feeds and events for programs, and the forms by which one subscribes."""
