// Tests count the descriptors of this process and start children: one test at a time.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
