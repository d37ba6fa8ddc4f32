"""How fast cvmimg is, compared with real peers on the same server in one run (``make bench``)."""
