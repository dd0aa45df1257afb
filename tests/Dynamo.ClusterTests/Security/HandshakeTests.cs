using System.Security.Cryptography;
using System.Text;
using Dynamo.Security.Handshake;
using Dynamo.Security.Keys;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Dynamo.ClusterTests.Security.HandshakePair;

namespace Dynamo.ClusterTests.Security;

/// <summary>Every way in which the handshake can end. The peer here is written from the protocol's description, not with the code under test.</summary>
public sealed class HandshakeTests
{
    private const int HelloLength = 75;
    private const int AnswerLength = 74;
    private const int ProofLength = 42;

    private readonly FakeTimeProvider _time = new();
    private readonly HandshakePair _pair = new();

    [Theory]
    [InlineData(HandshakeChannel.Silo)]
    [InlineData(HandshakeChannel.Gateway)]
    [InlineData(HandshakeChannel.Rank)]
    [InlineData(HandshakeChannel.KV)]
    public async Task EqualKeys_BothEndsAgree_AndWhatFollowsIsLeftInTheStream(HandshakeChannel channel)
    {
        Task accepted = _pair.AcceptAsync(Handshake(), channel);
        await _pair.ConnectAsync(Handshake(), channel);
        await _pair.ConnectorOutput.WriteAsync("after"u8.ToArray());
        await accepted;
        await _pair.AcceptorOutput.WriteAsync("wards"u8.ToArray());

        Assert.Equal("after", await TextAsync(_pair.AcceptorInput));
        Assert.Equal("wards", await TextAsync(_pair.ConnectorInput));
    }

    [Fact]
    public async Task Messages_AreAsDescribed()
    {
        Task accepted = _pair.AcceptAsync(Handshake());
        byte[] nonce = RandomNumberGenerator.GetBytes(32);
        await _pair.ConnectorOutput.WriteAsync(Hello(nonce));
        byte[] answer = await ReadAsync(_pair.ConnectorInput, AnswerLength);
        Assert.Equal(Header(2), answer[..10]);
        Assert.Equal(Mac(2, nonce, answer[10..42]), answer[42..]);
        await _pair.ConnectorOutput.WriteAsync(Proof(nonce, answer[10..42]));
        await accepted;

        Task connected = _pair.ConnectAsync(Handshake());
        byte[] hello = await ReadAsync(_pair.AcceptorInput, HelloLength);
        Assert.Equal([.. Header(1), 1, .. SHA256.HashData(Encoding.UTF8.GetBytes(ClusterName))], hello[..43]);
        await _pair.AcceptorOutput.WriteAsync(Answer(hello[43..], nonce));
        await connected;
        Assert.Equal(Proof(hello[43..], nonce), await ReadAsync(_pair.AcceptorInput, ProofLength));
    }

    [Fact]
    public async Task OtherKey_ConnectorRefuses_AndTheAcceptorHearsIt()
    {
        Task accepted = _pair.AcceptAsync(Handshake());
        Task connected = _pair.ConnectAsync(new ClusterHandshake(ClusterKey.Create(), ClusterName, _time));

        await FailsAsync(connected, HandshakeFault.WrongKey);
        await FailsAsync(accepted, HandshakeFault.WrongKey, isByPeer: true);
    }

    [Fact]
    public async Task OtherCluster_IsRefusedBeforeAnyProof()
    {
        Task accepted = _pair.AcceptAsync(Handshake());
        Task connected = _pair.ConnectAsync(new ClusterHandshake(Key, "other", _time));

        await FailsAsync(accepted, HandshakeFault.OtherCluster);
        await FailsAsync(connected, HandshakeFault.OtherCluster, isByPeer: true);
    }

    [Fact]
    public async Task OtherChannel_IsRefused()
    {
        Task accepted = _pair.AcceptAsync(Handshake(), HandshakeChannel.Silo);
        Task connected = _pair.ConnectAsync(Handshake(), HandshakeChannel.Gateway);

        await FailsAsync(accepted, HandshakeFault.WrongChannel);
        await FailsAsync(connected, HandshakeFault.WrongChannel, isByPeer: true);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("DYNAMOHX\u0001\u0001")]
    [InlineData("\0\0\0\u0010\0\0\0\0\0\0")]
    public async Task Stranger_IsNamedAtOnce(string text)
    {
        Task accepted = _pair.AcceptAsync(Handshake());
        await _pair.ConnectorOutput.WriteAsync(Encoding.Latin1.GetBytes(text));

        await FailsAsync(accepted, HandshakeFault.NotOurProtocol);
    }

    [Fact]
    public async Task OtherVersion_IsNamedAtOnce()
    {
        Task accepted = _pair.AcceptAsync(Handshake());
        byte[] header = Header(1);
        header[8] = 2;
        await _pair.ConnectorOutput.WriteAsync(header);

        await FailsAsync(accepted, HandshakeFault.OtherVersion);
    }

    [Fact]
    public async Task Reflection_OfTheConnectorsOwnHello_IsOutOfOrder()
    {
        Task connected = _pair.ConnectAsync(Handshake());
        await _pair.AcceptorOutput.WriteAsync(await ReadAsync(_pair.AcceptorInput, HelloLength));

        await FailsAsync(connected, HandshakeFault.OutOfOrder);
    }

    [Fact]
    public async Task Reflection_OfTheAcceptorsOwnProof_IsNoProof()
    {
        Task accepted = _pair.AcceptAsync(Handshake());
        await _pair.ConnectorOutput.WriteAsync(Hello(new byte[32]));
        byte[] answer = await ReadAsync(_pair.ConnectorInput, AnswerLength);
        await _pair.ConnectorOutput.WriteAsync((byte[])[.. Header(3), .. answer[42..]]);

        await FailsAsync(accepted, HandshakeFault.WrongKey);
    }

    [Fact]
    public async Task Replay_OfAnEarlierConnection_IsNoProofForEitherSide()
    {
        byte[] oldNonce = RandomNumberGenerator.GetBytes(32);
        Task first = _pair.AcceptAsync(Handshake());
        await _pair.ConnectorOutput.WriteAsync(Hello(oldNonce));
        byte[] oldAnswer = await ReadAsync(_pair.ConnectorInput, AnswerLength);
        byte[] oldProof = Proof(oldNonce, oldAnswer[10..42]);
        await _pair.ConnectorOutput.WriteAsync(oldProof);
        await first;

        Task accepted = _pair.AcceptAsync(Handshake());
        await _pair.ConnectorOutput.WriteAsync(Hello(oldNonce));
        await ReadAsync(_pair.ConnectorInput, AnswerLength);
        await _pair.ConnectorOutput.WriteAsync(oldProof);
        await FailsAsync(accepted, HandshakeFault.WrongKey);

        HandshakePair second = new();
        Task connected = second.ConnectAsync(Handshake());
        await ReadAsync(second.AcceptorInput, HelloLength);
        await second.AcceptorOutput.WriteAsync(oldAnswer);
        await FailsAsync(connected, HandshakeFault.WrongKey);
    }

    [Fact]
    public async Task EveryBitOfTheAnswersProof_Counts()
    {
        for (int bit = 0; bit < 8 * 32; bit++)
        {
            HandshakePair pair = new();
            Task connected = pair.ConnectAsync(Handshake());
            byte[] hello = await ReadAsync(pair.AcceptorInput, HelloLength);
            byte[] answer = Answer(hello[43..], new byte[32]);
            answer[42 + (bit / 8)] ^= (byte)(1 << (bit % 8));
            await pair.AcceptorOutput.WriteAsync(answer);
            await FailsAsync(connected, HandshakeFault.WrongKey);
        }
    }

    [Fact]
    public async Task AcceptorsInput_CutAtEveryByte_IsClosed()
    {
        for (int length = 0; length < HelloLength + ProofLength; length++)
        {
            HandshakePair pair = new();
            Task accepted = pair.AcceptAsync(Handshake());
            byte[] nonce = new byte[32];
            await pair.ConnectorOutput.WriteAsync(Hello(nonce).AsMemory(0, Math.Min(length, HelloLength)));
            if (length > HelloLength)
            {
                byte[] answer = await ReadAsync(pair.ConnectorInput, AnswerLength);
                await pair.ConnectorOutput.WriteAsync(Proof(nonce, answer[10..42]).AsMemory(0, length - HelloLength));
            }

            await pair.ConnectorOutput.DisposeAsync();
            await FailsAsync(accepted, HandshakeFault.Closed);
        }
    }

    [Fact]
    public async Task ConnectorsInput_CutAtEveryByte_IsClosed()
    {
        for (int length = 0; length < AnswerLength; length++)
        {
            HandshakePair pair = new();
            Task connected = pair.ConnectAsync(Handshake());
            byte[] hello = await ReadAsync(pair.AcceptorInput, HelloLength);
            await pair.AcceptorOutput.WriteAsync(Answer(hello[43..], new byte[32]).AsMemory(0, length));
            await pair.AcceptorOutput.DisposeAsync();
            await FailsAsync(connected, HandshakeFault.Closed);
        }
    }

    [Fact]
    public async Task Input_OneByteAtATime_IsTheSame()
    {
        Task accepted = _pair.AcceptAsync(Handshake());
        byte[] nonce = new byte[32];
        foreach (byte value in Hello(nonce))
        {
            await _pair.ConnectorOutput.WriteAsync(new[] { value });
        }

        byte[] answer = await ReadAsync(_pair.ConnectorInput, AnswerLength);
        foreach (byte value in Proof(nonce, answer[10..42]))
        {
            Assert.False(accepted.IsCompleted);
            await _pair.ConnectorOutput.WriteAsync(new[] { value });
        }

        await accepted;
    }

    [Fact]
    public async Task Refusal_OfAnUnknownReason_IsStillARefusal()
    {
        Task connected = _pair.ConnectAsync(Handshake());
        await _pair.AcceptorOutput.WriteAsync((byte[])[.. Header(4), 99]);

        HandshakeException fault = await FailsAsync(connected, (HandshakeFault)99, isByPeer: true);
        Assert.Equal("the peer refuses us: reason 99 of a newer version", fault.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(74)]
    [InlineData(75)]
    public async Task SilentPeer_IsGivenUpAtTheDeadline(int numBytes)
    {
        Task accepted = _pair.AcceptAsync(Handshake());
        await _pair.ConnectorOutput.WriteAsync(Hello(new byte[32]).AsMemory(0, numBytes));
        _time.Advance(ClusterHandshake.Deadline - TimeSpan.FromMilliseconds(1));
        Assert.False(accepted.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        await FailsAsync(accepted, HandshakeFault.Timeout);
    }

    [Fact]
    public async Task Cancelled_IsNoFaultOfThePeer()
    {
        using CancellationTokenSource cancellation = new();
        Task accepted = _pair.AcceptAsync(Handshake(), cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepted);
    }

    private ClusterHandshake Handshake() => new(Key, ClusterName, _time);

    private static async Task<HandshakeException> FailsAsync(Task handshake, HandshakeFault fault, bool isByPeer = false)
    {
        HandshakeException exception = await Assert.ThrowsAsync<HandshakeException>(() => handshake.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal((fault, isByPeer), (exception.Fault, exception.IsByPeer));
        return exception;
    }

    private static byte[] Header(byte kind) => [.. "DYNAMOHS"u8, 1, kind];

    private static byte[] Hello(byte[] nonce) => [.. Header(1), 1, .. SHA256.HashData(Encoding.UTF8.GetBytes(ClusterName)), .. nonce];

    private static byte[] Answer(byte[] connectorNonce, byte[] nonce) => [.. Header(2), .. nonce, .. Mac(2, connectorNonce, nonce)];

    private static byte[] Proof(byte[] connectorNonce, byte[] acceptorNonce) => [.. Header(3), .. Mac(3, connectorNonce, acceptorNonce)];

    private static byte[] Mac(byte role, byte[] connectorNonce, byte[] acceptorNonce) => HMACSHA256.HashData(
        Convert.FromHexString(new string('5', 64)),
        (byte[])[.. "dynamo handshake"u8, 1, role, 1, .. SHA256.HashData(Encoding.UTF8.GetBytes(ClusterName)), .. connectorNonce, .. acceptorNonce]);

    private static async Task<byte[]> ReadAsync(Stream stream, int length)
    {
        byte[] bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        return bytes;
    }

    private static async Task<string> TextAsync(Stream stream) => Encoding.ASCII.GetString(await ReadAsync(stream, 5));
}
