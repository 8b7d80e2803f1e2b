using L2tpd.Protocol;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Data;

/// <summary>
/// Whether data of a session carry sequence numbers. L2TPv2: the LNS switches them on and off by what it sends, the LAC follows, unless the
/// call requires them (RFC 2661 section 5.4). L2TPv3: as agreed at set-up, each direction for itself (RFC 3931 section 5.4.4). What the
/// kernel drops is dropped here. Mutable.
/// </summary>
/// <param name="version">Whose rules.</param>
/// <param name="isLns">We are the session's LNS.</param>
/// <param name="sendLevel">Which data are sent with numbers, to begin with.</param>
/// <param name="isRequired">Data without numbers are dropped.</param>
public struct SequencingRule(ProtocolVersion version, bool isLns, DataSequencing sendLevel, bool isRequired)
{
    /// <summary>Which data are sent with numbers now.</summary>
    public DataSequencing SendLevel { get; private set; } = sendLevel;

    /// <summary>Takes note of how a packet came.</summary>
    /// <param name="isSequenced">It has a number.</param>
    /// <returns>False if it must be dropped.</returns>
    public bool Admit(bool isSequenced)
    {
        if (!isSequenced && isRequired)
            return false;
        if (version == ProtocolVersion.V3)
            return true;
        if (isLns)
            return isSequenced || SendLevel == DataSequencing.None;
        // With Sequencing Required the LNS may not switch it off.
        if (!isRequired)
            SendLevel = isSequenced ? DataSequencing.All : DataSequencing.None;
        return true;
    }
}
