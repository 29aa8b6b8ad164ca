"""Changes of many people at once, and exports of them: jobs that can be stopped, resumed and taken back."""
