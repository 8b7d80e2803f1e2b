using System.Diagnostics.CodeAnalysis;
using L2tpd.DataPlanes.Userspace;
using L2tpd.Engine.Addressing;

namespace L2tpd.DataPlanes;

/// <summary>
/// Sessions whose frames are delivered to this process. The owner of PPP sets <see cref="UserspaceSession.Port"/>. Loop thread only.
/// </summary>
public interface ISessionPorts
{
    /// <summary>Buffers that all interfaces share.</summary>
    PacketBuffers Buffers { get; }

    /// <summary>Finds a session by its key, as long as it exists.</summary>
    bool TryFindSession(SessionKey session, [NotNullWhen(true)] out UserspaceSession? found);
}
