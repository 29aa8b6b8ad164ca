"""What ``wechat-sandbox exec`` puts into the environment of the command it runs."""
