"""The app's user interface in Streamlit. The pages are thin and call these modules."""
