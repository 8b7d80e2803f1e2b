using System.Net;

namespace L2tpd.Daemon.Configuration;

/// <summary>A UDP socket that waits for SCCRQs.</summary>
/// <param name="Address">Address to bind; 0.0.0.0 or [::] for all. [::] takes IPv6 only.</param>
/// <param name="Port">UDP port, 1..65535.</param>
/// <param name="BindDevice">SO_BINDTODEVICE, or null.</param>
/// <param name="FwMark">SO_MARK, or 0.</param>
public sealed record Listener(IPAddress Address, ushort Port = 1701, string? BindDevice = null, uint FwMark = 0);
