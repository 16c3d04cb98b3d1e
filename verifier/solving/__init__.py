"""What proposes: solvers, models, and the finder of certificates.  Nothing here is believed.

May import the kernel and the logic; the kernel imports nothing from here.
"""
