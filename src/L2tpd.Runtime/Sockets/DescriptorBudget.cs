using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Runtime.Logging;
using Microsoft.Extensions.Logging;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// Keeps a few descriptors back for what must not fail (the control socket, children, files): a socket for a tunnel whose number comes too
/// close to the limit is given back, as if the kernel had refused it. The kernel hands out the lowest free number, so the number tells how
/// full the table is.
/// </summary>
public sealed partial class DescriptorBudget(ILogger log)
{
    private const ulong Reserve = 48;
    private static readonly TimeSpan SaidAgainAfter = TimeSpan.FromSeconds(60);

    private readonly LineGate _gate = new(SaidAgainAfter);

    /// <summary>RLIMIT_NOFILE as it is for this process.</summary>
    public ulong Limit { get; } = Resources.OpenFileLimit.Soft;

    /// <summary>True: the descriptor may stay.</summary>
    public bool Allows(FileDescriptor descriptor) => (ulong)descriptor.Number + Reserve < Limit;

    /// <summary>Says once a minute that the limit was reached.</summary>
    public void Complain()
    {
        if (_gate.TryPass(MonotonicClock.NowMilliseconds, out var suppressed))
            LogExhausted(Limit, suppressed == 0 ? "" : $" {suppressed} more such refusals since this was last said.");
    }

    /// <summary>Errors that mean want of resources rather than a wrong request.</summary>
    public static bool IsExhaustion(int errno) => errno is Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM or Errno.ENOBUFS;

    [LoggerMessage(Level = LogLevel.Error, Message =
        "No descriptors left: the limit of {Limit} open files is reached, new tunnels and sessions that need one are refused "
        + "(insufficient resources). Raise LimitNOFILE or ulimit -n, or set limits.{Unsaid}")]
    private partial void LogExhausted(ulong limit, string unsaid);
}
