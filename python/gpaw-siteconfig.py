# How GPAW is compiled for the tests: with a C++ compiler alone. What it does without libxc (PBE, LDA, RPBE) and without
# MPI suffices there; on a cluster, install GPAW as its own guide says.
compiler = "g++"
libraries = []
noblas = True
nolibxc = True
