namespace L2tpd.TestKit;

/// <summary>
/// How the L2TP client of an operating system negotiates: what it asks for, in its order. Written from the protocol sheet
/// (MRU, source port, host name, echo, DHCPINFORM); what is marked "from memory" was not seen on a wire here.
/// </summary>
internal sealed record ClientManner
{
    public required string Name { get; init; }

    public required LacManner Lac { get; init; }

    /// <summary>AVPs of the ICCN besides the usual ones.</summary>
    public (int Type, byte[] Value)[] OfCall { get; init; } = [];

    /// <summary>Options of the first LCP Configure-Request, without the magic number.</summary>
    public required byte[][] Lcp { get; init; }

    /// <summary>Options of the first IPCP Configure-Request.</summary>
    public required byte[][] Ipcp { get; init; }

    /// <summary>Configure-Requests of other protocols when the user is authenticated: protocol and options.</summary>
    public (int Protocol, byte[] Options)[] Others { get; init; } = [];

    /// <summary>Packets of LCP sent once it is open: code and data.</summary>
    public (byte Code, byte[] Data)[] Greetings { get; init; } = [];

    /// <summary>The authentication protocols it takes, as in LCP's option, the best first; others it answers with the first.</summary>
    public required byte[][] Authentication { get; init; }

    /// <summary>Largest packet it takes, octets; it says so in <see cref="Lcp"/>.</summary>
    public required int Mru { get; init; }

    private static readonly byte[] Pap = [0xc0, 0x23], ChapMd5 = [0xc2, 0x23, 5], MsChapV2 = [0xc2, 0x23, 0x81];

    // IP-Address, and the name servers of RFC 1877: primary and secondary DNS (129, 131) and NBNS (130, 132).
    private static readonly byte[] Address = [3, 6, 0, 0, 0, 0], Dns = [129, 6, 0, 0, 0, 0], Nbns = [130, 6, 0, 0, 0, 0];
    private static readonly byte[] SecondDns = [131, 6, 0, 0, 0, 0], SecondNbns = [132, 6, 0, 0, 0, 0];

    private static readonly byte[] ProtocolCompression = [7, 2], AddressCompression = [8, 2], NoControlCharacters = [2, 6, 0, 0, 0, 0];

    /// <summary>
    /// Windows 10 and 11: tunnel id 1, port 1701, its NetBIOS name. From memory: Vendor Name, Firmware Revision, window 8, proxy
    /// authentication "none" in the ICCN, callback and multilink in LCP, Identification of LCP, CCP with MPPC.
    /// </summary>
    public static ClientManner Windows { get; } = new()
    {
        Name = "Windows",
        Lac = new LacManner
        {
            TunnelId = 1, SessionId = 1, HostName = "DESKTOP-4711ABC", Framing = [0, 0, 0, 1], Window = 8,
            More = [(4, [0, 0, 0, 0]), (6, [0x0a, 0]), (8, "Microsoft"u8.ToArray())],
        },
        OfCall = [(29, [0, 4])],
        Lcp =
        [
            [1, 4, 0x05, 0x78], ProtocolCompression, AddressCompression, [13, 3, 6], [17, 4, 0x06, 0x4e],
            [19, 9, 3, 0, 0x53, 0, 0, 0, 1],
        ],
        Greetings = [(12, [5, 6, 0x0a, 0x0b, .. "MSRASV5.20"u8]), (12, [5, 6, 0x0a, 0x0b, .. "MSRAS-0-DESKTOP-4711ABC"u8])],
        Others = [(0x80fd, [18, 6, 0, 0, 0, 1])],
        Ipcp = [Address, Dns, Nbns, SecondDns, SecondNbns],
        Authentication = [MsChapV2],
        Mru = 1400,
    };

    /// <summary>
    /// macOS and iOS: MRU 1280, any port, echo requests. From memory: ACSCP (0x8235) for routes and domains, window 4, the host's name.
    /// </summary>
    public static ClientManner Apple { get; } = new()
    {
        Name = "Apple",
        Lac = new LacManner { TunnelId = 0x1d, SessionId = 0x3b2, HostName = "iPhone", HasLength = true },
        Lcp = [[1, 4, 0x05, 0x00], NoControlCharacters, ProtocolCompression, AddressCompression],
        Ipcp = [Address, Dns, SecondDns],
        Others = [(0x8235, [1, 2, 2, 2]), (0x8057, [1, 10, 2, 0, 0x53, 0xff, 0xfe, 0, 0, 1])],
        Authentication = [MsChapV2, ChapMd5, Pap],
        Mru = 1280,
    };

    /// <summary>
    /// Android to 11: MRU 1400, any port. From memory: mtpd's host name "anonymous" and window 1, and that pppd of its own does the rest,
    /// with header compression of Van Jacobson in IPCP.
    /// </summary>
    public static ClientManner Android { get; } = new()
    {
        Name = "Android",
        Lac = new LacManner { TunnelId = 0x6a31, SessionId = 0x2f07, HostName = "anonymous", Window = 1 },
        Lcp = [[1, 4, 0x05, 0x78], NoControlCharacters, ProtocolCompression, AddressCompression],
        Ipcp = [[2, 6, 0, 0x2d, 15, 1], Address, Dns, SecondDns],
        Authentication = [MsChapV2, ChapMd5, Pap],
        Mru = 1400,
    };
}
