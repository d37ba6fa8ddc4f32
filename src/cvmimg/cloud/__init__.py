"""The one door to Tencent Cloud: signing, transport, retry, and one typed function an action."""
