"""cvmimg: create, manage and launch custom images on Tencent Cloud CVM."""

__version__ = "0.1.0"
