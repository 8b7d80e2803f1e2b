using System.IO.Enumeration;
using System.Runtime.InteropServices;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Metrics;

/// <summary>What the runtime and the kernel report of this process: memory, processor time, collections, descriptors.</summary>
public sealed class ProcessMetrics
{
    private const int MicrosecondDecimals = 6;
    private const int MillisecondDecimals = 3;

    private static readonly CounterFamily Collections = new(
        "l2tpd_gc_collections_total", "collections", "Garbage collections, by the oldest generation collected.")
    { Labels = ["generation"] };

    private static readonly CounterFamily Build = new("l2tpd_build_info", "builds", "Always 1; the labels say what runs.")
    { Kind = CounterKind.Gauge, Labels = ["version", "runtime", "data_plane"] };

    private long _descriptors;

    /// <summary>
    /// Counts the descriptors. Takes as long as listing them, 10 ms for 20,000: to be called before a reading, and not on the loop's
    /// thread.
    /// </summary>
    public void Prepare()
    {
        var count = 0L;
        try
        {
            foreach (var _ in new FileSystemEnumerable<byte>("/proc/self/fd", static (ref FileSystemEntry _) => 0))
                count++;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc the value stays 0.
        }

        // One of them is that of the listing.
        Volatile.Write(ref _descriptors, Math.Max(count - 1, 0));
    }

    /// <summary>Adds the families to the registry.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="version">The daemon's version.</param>
    /// <param name="dataPlane">Name of the running data plane.</param>
    /// <param name="openFileLimit">RLIMIT_NOFILE.</param>
    /// <param name="startedAt">When the process started.</param>
    public void Register(CounterRegistry registry, string version, string dataPlane, ulong openFileLimit, DateTimeOffset startedAt)
    {
        registry.Add(Build, samples => samples.Add(1L, version, RuntimeInformation.FrameworkDescription, dataPlane));
        registry.Add(
            new CounterFamily("process_cpu_seconds_total", "seconds", "Processor time of the process, user and system.")
            { Decimals = MicrosecondDecimals },
            static () => (long)Environment.CpuUsage.TotalTime.TotalMicroseconds);
        registry.Add(
            Gauge("process_start_time_seconds", "seconds", "When the process started, since 1970-01-01 UTC.") with
            { Decimals = MillisecondDecimals },
            startedAt.ToUnixTimeMilliseconds);
        registry.Add(
            Gauge("process_resident_memory_bytes", "octets", "Memory of the process that is in RAM."), static () => Environment.WorkingSet);
        registry.Add(
            Gauge("process_open_fds", "descriptors", "Open file descriptors of the process."), () => Volatile.Read(ref _descriptors));
        registry.Add(
            Gauge("process_max_fds", "descriptors", "Limit of open files of the process."), samples => samples.Add(openFileLimit));
        RegisterCollector(registry);
    }

    private static void RegisterCollector(CounterRegistry registry)
    {
        registry.Add(Collections, static samples =>
        {
            // A collection of a generation is also counted by the runtime for each younger one.
            for (var generation = 0; generation <= GC.MaxGeneration; generation++)
            {
                var older = generation == GC.MaxGeneration ? 0 : GC.CollectionCount(generation + 1);
                samples.Add((long)Math.Max(GC.CollectionCount(generation) - older, 0), Digits[generation]);
            }
        });
        registry.Add(
            new CounterFamily("l2tpd_gc_pause_seconds_total", "seconds", "Time that garbage collections stopped all threads.")
            { Decimals = MicrosecondDecimals },
            static () => (long)GC.GetTotalPauseDuration().TotalMicroseconds);
        registry.Add(
            new CounterFamily("l2tpd_gc_allocated_bytes_total", "octets", "Memory that the daemon allocated on the managed heap."),
            static () => GC.GetTotalAllocatedBytes());
        registry.Add(
            Gauge("l2tpd_gc_heap_bytes", "octets", "Managed heap, with what is no longer in use."), static () => GC.GetTotalMemory(false));
    }

    private static readonly string[] Digits = ["0", "1", "2"];

    private static CounterFamily Gauge(string name, string unit, string help) => new(name, unit, help) { Kind = CounterKind.Gauge };
}
