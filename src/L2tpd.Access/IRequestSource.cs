namespace L2tpd.Access;

/// <summary>Receives requests from outside (Disconnect and CoA of RFC 5176) for all sessions.</summary>
public interface IRequestSource
{
    /// <summary>Takes one request, an <see cref="AccessAnswer.Disconnect"/> or <see cref="AccessAnswer.Change"/>.</summary>
    /// <returns>False if there is none now.</returns>
    bool TryTake(out AccessAnswer? request);

    /// <summary>Answers a request.</summary>
    /// <param name="requestId">The number of the request.</param>
    /// <param name="outcome">The result.</param>
    void Answer(ulong requestId, ControlOutcome outcome);
}
