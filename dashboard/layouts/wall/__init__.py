"""Screens nobody touches: the wall with its scenes, the board of six indices, and the page that makes a wall's link."""
