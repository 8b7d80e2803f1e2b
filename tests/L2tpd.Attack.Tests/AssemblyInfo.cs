// An attack is measured against a daemon that has the machine's two cores to itself and its attacker: one at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
