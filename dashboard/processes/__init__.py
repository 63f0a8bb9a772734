"""The processes of a board: who starts them, keeps them and ends them."""
