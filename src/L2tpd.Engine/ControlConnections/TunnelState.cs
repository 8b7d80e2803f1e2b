namespace L2tpd.Engine.ControlConnections;

/// <summary>States of the control connection (RFC 2661 section 7.2.1, l2tpv2.md section 9).</summary>
public enum TunnelState
{
    Idle,
    WaitCtlReply,
    WaitCtlConn,
    Established,
}
