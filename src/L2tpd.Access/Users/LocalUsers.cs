using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using L2tpd.Ppp;
using L2tpd.Ppp.Cryptography;

namespace L2tpd.Access;

/// <summary>Users from a file or the configuration; verifies peers' proofs.</summary>
public sealed class LocalUsers
{
    private readonly FrozenDictionary<string, ImmutableArray<SecretEntry>> _byClient;

    /// <summary>A set of users. Of two entries that match equally well the first counts.</summary>
    public LocalUsers(IEnumerable<SecretEntry> entries)
    {
        _byClient = entries.GroupBy(e => e.Client, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.ToImmutableArray(), StringComparer.Ordinal);
    }

    /// <summary>Finds the best entry, as pppd does: a named client before <c>*</c>, then a named server before <c>*</c>.</summary>
    public SecretEntry? Find(string client, string server) =>
        FindServer(client, server) ?? FindServer(SecretEntry.Any, server);

    /// <summary>Verifies a proof.</summary>
    /// <param name="request">The proof.</param>
    /// <param name="server">Our name in the secrets.</param>
    public AuthenticationResult Verify(AuthenticationRequest request, string server)
    {
        if (request.Protocol == AuthenticationProtocol.Eap)
            return AuthenticationResult.Refuse("EAP needs a RADIUS server: local users have no EAP method");

        var name = request.UserName;
        var entry = FindServer(name, server);
        if (entry is null && request.Protocol == AuthenticationProtocol.MsChapV2)
        {
            // Windows sends DOMAIN\user; most files have the user name alone.
            name = name[(name.LastIndexOf('\\') + 1)..];
            entry = FindServer(name, server);
        }

        entry ??= FindServer(SecretEntry.Any, server);

        if (entry is null || entry.Secret.Length == 0)
            return AuthenticationResult.Refuse("no secret for this user");

        var secret = Encoding.UTF8.GetBytes(entry.Secret);
        var result = IsProven(request, secret)
            ? new AuthenticationResult
            {
                Accepted = true,
                UserName = entry.Client == SecretEntry.Any ? name : entry.Client,
                AuthenticatorResponse = AuthenticatorResponse(request, secret),
                Authorisation = AuthorisationOf(entry),
            }
            : AuthenticationResult.Refuse("wrong secret");
        CryptographicOperations.ZeroMemory(secret);
        return result;
    }

    /// <summary>
    /// What an entry's addresses permit. The first single address is assigned. With other lists the pool assigns one or, without a pool,
    /// the peer chooses one within the list. <c>-</c> alone forbids IPv4. A line without addresses permits the pool only, as with pppd.
    /// </summary>
    public static Authorisation AuthorisationOf(SecretEntry entry) => AddressesOf(entry) with
    {
        RateFromPeer = entry.RateFromPeer,
        RateToPeer = entry.RateToPeer,
    };

    private static Authorisation AddressesOf(SecretEntry entry)
    {
        var permitted = PermittedAddresses.Of(entry.Addresses);
        var user = new Authorisation { Permitted = permitted, Pool = entry.Pool, Routes = entry.Routes, Filters = entry.Filters };
        if (permitted.Single is { } single)
            return user with { AddressSource = AddressSource.Fixed, Address = single };

        return entry.Addresses.Length > 0 && entry.Addresses[0] == "-"
            ? user with { AddressSource = AddressSource.NotPermitted } : user;
    }

    /// <summary>The fixed addresses of the entries for our name.</summary>
    /// <param name="entries">Users.</param>
    /// <param name="server">Our name in the secrets.</param>
    public static IEnumerable<Ipv4Address> FixedAddresses(IEnumerable<SecretEntry> entries, string server) => entries
        .Where(entry => entry.Server == server || entry.Server == SecretEntry.Any)
        .Select(AuthorisationOf)
        .Where(static authorisation => authorisation.AddressSource == AddressSource.Fixed)
        .Select(static authorisation => authorisation.Address);

    private SecretEntry? FindServer(string client, string server)
    {
        if (!_byClient.TryGetValue(client, out var entries))
            return null;

        return entries.FirstOrDefault(e => e.Server == server) ?? entries.FirstOrDefault(e => e.Server == SecretEntry.Any);
    }

    private static bool IsProven(AuthenticationRequest request, byte[] secret) => request.Protocol switch
    {
        AuthenticationProtocol.Pap => CryptographicOperations.FixedTimeEquals(request.Response, secret),
        AuthenticationProtocol.ChapMd5 => ChapMd5.Verify(request.Id, secret, request.Challenge, request.Response),
        AuthenticationProtocol.MsChapV2 => MsChapV2.Verify(request.Challenge, request.Response, request.Name, secret),
        _ => false,
    };

    private static string? AuthenticatorResponse(AuthenticationRequest request, byte[] secret) =>
        request.Protocol != AuthenticationProtocol.MsChapV2 ? null : MsChapV2.AuthenticatorResponse(
            secret,
            request.Response.AsSpan(MsChapV2.NtResponseOffset, MsChapV2.NtResponseLength),
            request.Response.AsSpan(0, MsChapV2.ChallengeLength),
            request.Challenge,
            request.Name);
}
