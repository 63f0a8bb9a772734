"""The wall with its scenes, the page of six indices, and the page that makes a wall's link."""
