"""Keeps a project in step between JupyterLab and Google Drive, and so with Google Colab."""
