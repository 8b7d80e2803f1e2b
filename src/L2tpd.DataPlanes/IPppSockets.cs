using L2tpd.Engine.Addressing;
using L2tpd.Linux;
using L2tpd.Runtime.Processes;

namespace L2tpd.DataPlanes;

/// <summary>Lends the PPPoL2TP sockets of sessions to pppd or to the built-in PPP. Loop thread only.</summary>
public interface IPppSockets
{
    /// <summary>
    /// Borrows the session's socket. The session stays until <see cref="Return"/>. <c>null</c> if the session has no socket.
    /// </summary>
    FileDescriptor? Borrow(SessionKey session);

    /// <summary>Returns the session's socket.</summary>
    void Return(SessionKey session);

    /// <summary>Records child processes that hold such a socket, for a run after a crash; <c>null</c> if nothing is recorded.</summary>
    IChildLedger? Children => null;
}

/// <summary>Records child processes, so that a run after a crash can end those that still run. Any thread.</summary>
public interface IChildLedger
{
    /// <summary>A child was started.</summary>
    void ChildStarted(ProcessIdentity child);

    /// <summary>The child with this pid has ended.</summary>
    void ChildEnded(int pid);
}
