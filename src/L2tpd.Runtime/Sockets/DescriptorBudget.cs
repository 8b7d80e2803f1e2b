using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Runtime.Logging;
using Microsoft.Extensions.Logging;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// Keeps descriptors free for uses that must not fail (the control socket, children, files). If the number of a new socket is too close to
/// the limit, the socket is closed and the request fails as if the kernel had refused it. The kernel assigns the lowest free number, so the
/// number shows how full the table is.
/// </summary>
public sealed partial class DescriptorBudget(ILogger log)
{
    private const ulong Reserve = 48;
    private static readonly TimeSpan SaidAgainAfter = TimeSpan.FromSeconds(60);

    private readonly LineGate _gate = new(SaidAgainAfter);

    /// <summary>RLIMIT_NOFILE of this process.</summary>
    public ulong Limit { get; } = Resources.OpenFileLimit.Soft;

    /// <summary>Whether the descriptor may stay open.</summary>
    public bool Allows(FileDescriptor descriptor) => (ulong)descriptor.Number + Reserve < Limit;

    /// <summary>Logs at most once per minute that the limit was reached.</summary>
    public void LogLimit()
    {
        if (_gate.TryPass(MonotonicClock.NowMilliseconds, out var suppressed))
            LogExhausted(Limit, suppressed == 0 ? "" : $" {suppressed} further refusals since the last such line.");
    }

    /// <summary>Errors that mean a lack of resources, not a wrong request.</summary>
    public static bool IsExhaustion(int errno) => errno is Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM or Errno.ENOBUFS;

    [LoggerMessage(Level = LogLevel.Error, Message =
        "Refusing new tunnels and sessions that need a descriptor: the limit of {Limit} open files is reached. "
        + "Raise LimitNOFILE in the unit (or ulimit -n), or lower the configured limits.{Further}")]
    private partial void LogExhausted(ulong limit, string further);
}
