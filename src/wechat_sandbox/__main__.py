"""Run the sandbox with ``python -m wechat_sandbox``."""

from wechat_sandbox.cli import main

if __name__ == "__main__":
    main()
