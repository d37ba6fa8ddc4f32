"""How fast cvmimg is, beside real peers on the same server in the same run (``make bench``)."""
