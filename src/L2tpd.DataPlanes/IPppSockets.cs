using L2tpd.Engine.Addressing;
using L2tpd.Linux;
using L2tpd.Runtime.Processes;

namespace L2tpd.DataPlanes;

/// <summary>Lends the PPPoL2TP sockets of sessions to whoever speaks PPP: pppd, or the built-in PPP. Loop thread only.</summary>
public interface IPppSockets
{
    /// <summary>The session's socket, which holds the session until <see cref="Return"/>; <c>null</c>: the session has none.</summary>
    FileDescriptor? Borrow(SessionKey session);

    /// <summary>Whoever borrowed the session's socket no longer uses it.</summary>
    void Return(SessionKey session);

    /// <summary>Notes child processes that hold such a socket, for a run after a crash; <c>null</c>: nothing is noted.</summary>
    IChildLedger? Children => null;
}

/// <summary>Notes child processes, so that a run after a crash can end those that are left. Any thread.</summary>
public interface IChildLedger
{
    /// <summary>A child was started.</summary>
    void ChildStarted(ProcessIdentity child);

    /// <summary>The child with this pid has ended.</summary>
    void ChildGone(int pid);
}
