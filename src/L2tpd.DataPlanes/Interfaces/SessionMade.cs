using L2tpd.Linux;
using L2tpd.Linux.Ppp;
using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes.Interfaces;

/// <summary>What became of a session that was asked for.</summary>
/// <param name="Trouble">Why there is none, in words; null: there is.</param>
/// <param name="OutOfResources">A limit was hit.</param>
/// <param name="Socket">The PPPoL2TP socket of a PPP session.</param>
internal readonly record struct SessionMade(string? Trouble, bool OutOfResources, PppoxSocket? Socket)
{
    /// <summary>Another has its id or the name of its interface, which may be on its way out.</summary>
    public bool IsCollision { get; init; }

    public static SessionMade Refused(LinuxError error) =>
        new($"the kernel refused the session: {error}", DescriptorBudget.IsExhaustion(error.Errno),
            null) { IsCollision = error.Errno == Errno.EEXIST };
}
