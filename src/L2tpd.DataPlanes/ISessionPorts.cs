using System.Diagnostics.CodeAnalysis;
using L2tpd.DataPlanes.Userspace;
using L2tpd.Engine.Addressing;

namespace L2tpd.DataPlanes;

/// <summary>
/// Sessions whose frames come to this process: whoever speaks PPP sets their <see cref="UserspaceSession.Port"/>. Loop thread only.
/// </summary>
public interface ISessionPorts
{
    /// <summary>Buffers that all interfaces share.</summary>
    PacketBuffers Buffers { get; }

    /// <summary>Finds a session by its key, while it exists.</summary>
    bool TryFindSession(SessionKey session, [NotNullWhen(true)] out UserspaceSession? found);
}
