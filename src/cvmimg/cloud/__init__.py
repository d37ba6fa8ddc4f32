"""The only code that calls Tencent Cloud: credentials, retries, one typed function per action."""
