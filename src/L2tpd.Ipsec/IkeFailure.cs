namespace L2tpd.Ipsec;

/// <summary>
/// Why IKE failed, from the lines of charon's log: strongSwan's own error is only "establishing CHILD_SA failed". A line that says more
/// than an earlier one replaces it. Lines of strongSwan 5.9.
/// </summary>
public sealed class IkeFailure
{
    private const string NoProposal = "the two ends have no proposal in common: see `proposals`, `ike-proposals` and `esp-proposals`";
    private const string NoAlgorithm =
        "strongSwan lacks an algorithm that the two ends agreed on: install libstrongswan-standard-plugins and restart strongSwan";
    private const string OtherKey = "the pre-shared keys of the two ends differ";

    private static readonly (string Part, int Weight, string Text)[] Known =
    [
        ("unable to add SAD entry", 9, "the kernel refuses the security association: is the module esp4 or esp6 loaded?"),
        ("unable to install", 8, "the kernel refuses the security association or its policy"),
        ("no shared key found", 3, "strongSwan has no pre-shared key for these addresses or identities"),
        ("no private key found", 7, "strongSwan has no private key for the certificate"),
        ("no trusted", 7, "the peer's certificate is not from an authority that is trusted here"),
        ("constraint check failed", 7, "the peer's identity is not the one that is expected (peer-id)"),
        ("received AUTHENTICATION_FAILED", 6, "the peer refuses our authentication: is its pre-shared key or authority another one?"),
        ("could not decrypt payloads", 6, OtherKey),
        ("calculated HASH does not match", 6, OtherKey),
        ("tried 1 shared key for", 6, OtherKey),
        ("NO_PROPOSAL_CHOSEN", 6, NoProposal),
        ("no proposal found", 6, NoProposal),
        ("no acceptable proposal found", 6, NoProposal),
        ("negotiated DH group", 7, NoAlgorithm),
        // The same with IKEv2 in strongSwan 6.0.
        ("negotiated key exchange method", 7, NoAlgorithm),
        // ENCRYPTION_ALGORITHM 3DES_CBC (key size 192) not supported!
        (" not supported!", 7, NoAlgorithm),
        ("INVALID_ID_INFORMATION", 6, "the peer has no policy for these addresses and ports"),
        ("TS_UNACCEPTABLE", 6, "the peer has no policy for these addresses and ports"),
        ("no matching CHILD_SA config found", 6, "strongSwan has no connection for the addresses and ports that the peer proposes"),
        ("no IKE config found", 6, "strongSwan has no connection for the peer's address"),
        ("no peer config found", 6, "strongSwan has no connection for the peer's identity"),
        ("Network is unreachable", 5, "there is no route to the peer"),
        ("peer not responding", 2, "the peer does not answer: UDP ports 500 and 4500 must be open on the way"),
    ];

    // What the answering end's log says of a peer. Octets, because of every line of strongSwan's log only these are read.
    private static readonly byte[][] OfPeer =
    [
        [.. "could not decrypt payloads"u8], [.. "no proposal found"u8], [.. "no shared key found"u8], [.. "no IKE config found"u8],
        [.. "no peer config found"u8], [.. "no matching CHILD_SA config found"u8], [.. "no acceptable proposal found"u8],
        [.. "tried 1 shared key for"u8], [.. "unable to add SAD entry"u8], [.. "calculated HASH does not match"u8],
        [.. "negotiated DH group"u8], [.. "negotiated key exchange method"u8], [.. " not supported!"u8],
    ];

    private int _weight;

    /// <summary>The reason, for the operator; <c>null</c> if no line named one.</summary>
    public string? Text { get; private set; }

    /// <summary>Whether the octets of a log event have a line that says why a peer's IKE fails.</summary>
    public static bool IsOfPeer(ReadOnlySpan<byte> message)
    {
        foreach (var part in OfPeer)
        {
            if (message.IndexOf(part) >= 0)
                return true;
        }

        return false;
    }

    /// <summary>Whether the line names a reason. It is kept if it says more than the earlier ones.</summary>
    public bool Take(string line)
    {
        // IKEv1 looks by the connection's identities first, then by addresses: the first look-up, 'A'[B] - 'C'[D], may fail.
        if (line.Contains("no shared key found", StringComparison.Ordinal) && line.Contains("'[", StringComparison.Ordinal))
            return false;
        foreach (var (part, weight, text) in Known)
        {
            if (!line.Contains(part, StringComparison.Ordinal))
                continue;
            if (weight > _weight)
                (_weight, Text) = (weight, text);
            return true;
        }

        return false;
    }

    /// <summary>Forgets all lines.</summary>
    public void Clear() => (_weight, Text) = (0, null);
}
