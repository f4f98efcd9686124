"""The half that travels to Colab."""
