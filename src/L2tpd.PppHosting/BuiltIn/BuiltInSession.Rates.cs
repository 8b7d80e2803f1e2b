using L2tpd.Access;
using L2tpd.Control;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Ppp;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>The rates of the session: those of its user or profile at network start, until a CoA or l2tpctl changes them.</content>
internal sealed partial class BuiltInSession
{
    private SessionRates? _rates;
    private SessionRates _applied = SessionRates.None;

    /// <inheritdoc/>
    public void OnRatesRefused(LinuxError error, string? module)
    {
        if (_isClosing || !_backend.Lines.TryTake(SubscriberLine.NoRates, User, out var unsaid))
            return;
        if (module is null)
            LogNoRates(Label, _applied, error, unsaid);
        else
            LogNoModule(Label, _applied, error, module, unsaid);
    }

    /// <summary>Before the first packet of a network layer passes. The second layer finds them set, or changed meanwhile.</summary>
    private void SetRates(Authorisation? authorisation)
    {
        if (_rates is not null)
            return;
        if (authorisation is { RateProblems.IsEmpty: false } && _backend.Lines.TryTake(SubscriberLine.NoRates, User, out var unsaid))
            LogRatesNotRead(Label, Printable.Of(string.Join(", ", authorisation.RateProblems)), unsaid);
        Apply(SessionRates.Of(_profile.Source, authorisation));
    }

    private void ChangeRates(AuthorisationChange change)
    {
        var before = _rates ?? SessionRates.None;
        Apply(before.With(change));
        LogRatesChanged(Label, before, _rates!);
    }

    private void Apply(SessionRates rates)
    {
        _rates = rates;
        if (rates == _applied)
            return;
        _applied = rates;
        _link.SetRates(rates);
        _backend.Sink.Submit(new PppRates(Key, rates.ToPeer?.BitsPerSecond, rates.FromPeer?.BitsPerSecond));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Session}: rates changed from {Before} to {Now} bit/s (to the peer/from it)")]
    private partial void LogRatesChanged(string session, SessionRates before, SessionRates now);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Session}: no rate can be read from {Attributes}: such an attribute is ignored{Unsaid}")]
    private partial void LogRatesNotRead(string session, string attributes, string unsaid);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "{Session}: the rates {Rates} cannot be set: {Error}. The kernel lacks {Module}: load that module. The session is up without " +
        "this limit{Unsaid}")]
    private partial void LogNoModule(string session, SessionRates rates, LinuxError error, string module, string unsaid);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "{Session}: the rates {Rates} cannot be set: {Error}. The session is up without this limit{Unsaid}")]
    private partial void LogNoRates(string session, SessionRates rates, LinuxError error, string unsaid);
}
