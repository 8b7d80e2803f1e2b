using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.PppHosting.Prefixes;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>The session's IPv6 prefixes and addresses, from authentication to the end.</content>
internal sealed partial class BuiltInSession
{
    private Ipv6Grant? _prefixes;

    /// <inheritdoc/>
    public Authorisation? AuthoriseWithoutProof(PppEndpoint endpoint)
    {
        if (_backend.Prefixes is null || !_request.Server || !SubscriberPrefixes.IsUsedBy(_profile.Source))
            return null;

        // A renegotiation changes nothing: there is no user who could be another one.
        return _prefixes?.Authorisation ?? TakePrefixes(new Authorisation { Permitted = PermittedAddresses.All }, user: null);
    }

    /// <summary>Another session of the user is to have its prefixes, or the session has ended.</summary>
    public void ReleasePrefixes()
    {
        if (_prefixes is not { } held)
            return;

        _prefixes = null;
        foreach (var network in held.Networks)
        {
            RemoveRoute(network);
            TellPrefixReleased(network);
        }

        held.Release(SubscriberPrefixes.Now);
    }

    /// <summary>Takes the prefixes of a user that is authenticated; before, those of an earlier user of the link are given back.</summary>
    private AuthenticationResult WithPrefixes(AuthenticationResult result, string? user)
    {
        if (_backend.Prefixes is null || !_request.Server || !SubscriberPrefixes.IsUsedBy(_profile.Source))
            return result;

        ReleasePrefixes();
        var authorisation = result.Authorisation ?? new Authorisation { Permitted = PermittedAddresses.All };
        return result with { Authorisation = TakePrefixes(authorisation, user) };
    }

    private Authorisation TakePrefixes(Authorisation authorisation, string? user)
    {
        _prefixes = Ipv6Grant.Take(
            _backend.Prefixes!.Space, authorisation, _profile.Source.Ipv6Pools, string.IsNullOrEmpty(user) ? null : user,
            SubscriberPrefixes.Now);
        foreach (var problem in _prefixes.Problems)
            TellNoPrefix(problem);
        if (user is not null)
            ReportUser();
        TellPrefixes(_prefixes, user);
        return _prefixes.Authorisation;
    }
}
