using L2tpd.Linux;
using L2tpd.Linux.Ppp;
using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes.Interfaces;

/// <summary>The result of making a session.</summary>
/// <param name="Problem">Why it could not be made; <c>null</c> if it was made.</param>
/// <param name="OutOfResources">Whether a limit was reached.</param>
/// <param name="Socket">The PPPoL2TP socket of a PPP session.</param>
internal readonly record struct SessionMade(string? Problem, bool OutOfResources, PppoxSocket? Socket)
{
    /// <summary>Whether another session has its id or the name of its interface. The other one may be about to be deleted.</summary>
    public bool IsCollision { get; init; }

    public static SessionMade Refused(LinuxError error) =>
        new($"the kernel refused the session: {error}", DescriptorBudget.IsExhaustion(error.Errno),
            null) { IsCollision = error.Errno == Errno.EEXIST };
}
