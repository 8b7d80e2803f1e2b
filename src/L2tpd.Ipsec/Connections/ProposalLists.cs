namespace L2tpd.Ipsec.Connections;

/// <summary>
/// Proposals that serve the clients of the field, the best first. Windows 10 and 11 propose AES-256 with SHA-1 and ECP384 or MODP2048,
/// macOS and iOS AES-256 with SHA-2 or SHA-1 and MODP2048. No ESP proposal has PFS, because Windows asks for none.
/// </summary>
public static class ProposalLists
{
    /// <summary>IKE without 3DES and MODP1024.</summary>
    public static readonly IReadOnlyList<string> ModernIke =
        ["aes256-sha256-modp2048", "aes256-sha1-ecp384", "aes256-sha1-modp2048", "aes128-sha256-modp2048", "aes128-sha1-ecp256"];

    /// <summary>IKE for old phones and routers too.</summary>
    public static readonly IReadOnlyList<string> CompatibleIke =
        [.. ModernIke, "aes256-sha1-modp1024", "aes128-sha1-modp1024", "3des-sha1-modp2048", "3des-sha1-modp1024"];

    /// <summary>ESP without 3DES.</summary>
    public static readonly IReadOnlyList<string> ModernEsp = ["aes256-sha256", "aes256-sha1", "aes128-sha256", "aes128-sha1"];

    /// <summary>ESP for old phones and routers too.</summary>
    public static readonly IReadOnlyList<string> CompatibleEsp = [.. ModernEsp, "3des-sha1"];
}
