namespace L2tpd.Ipv6.Dhcp;

/// <summary>What one kind of lease is bound to.</summary>
/// <param name="kind">IA_NA or IA_PD.</param>
/// <param name="none">The status of an IA that gets nothing.</param>
/// <param name="noneText">The same as text.</param>
internal sealed class DhcpBinding(DhcpOption kind, DhcpStatus none, string noneText)
{
    public DhcpOption Kind => kind;

    public DhcpStatus None => none;

    public string NoneText => noneText;

    /// <summary>Whether there is something to give.</summary>
    public bool IsAvailable { get; set; }

    /// <summary>The association that has it; <c>null</c>: none.</summary>
    public uint? Iaid { get; set; }
}
