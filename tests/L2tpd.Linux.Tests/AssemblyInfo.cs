// Tests count this process's descriptors and start children: one at a time.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
