//! putIndustryCard: an industry card in the user's app.

use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::text::{
    BussCardNo, CardModuleId, CardSubTp, CertId, ChannelNo, Mobile, OpenId, PersonName, Region,
};
use crate::gateway::{FieldError, Fields};

/// Puts an industry card (行业卡) into a user's app, changes it, or takes it out (5.7.1).
///
/// ```text
/// {"appId":"…","backendToken":"i6i9…","cardModuleId":"213454765435423","bussCardNo":"12321325347654",
///  "cardSubTp":"1","transTp":"01","openId":"AJiPZzXP…","region":"200120","channelNo":"12343534654756",
///  "name":"<3DES>","certId":"<3DES>","mobileNo":"<3DES>"}
///
/// {"msg":"","params":{"resp":""},"resp":"00"}
/// ```
///
/// What is left out is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutIndustryCard {
    trans_tp: TransTp,
    open_id: OpenId,
    card_module_id: CardModuleId,
    buss_card_no: BussCardNo,
    card_sub_tp: CardSubTp,
    region: Option<Region>,
    channel_no: Option<ChannelNo>,
    name: Option<PersonName>,
    cert_id: Option<CertId>,
    mobile_no: Option<Mobile>,
}

impl PutIndustryCard {
    /// This to do with this card of this user.
    #[must_use]
    pub fn new(
        trans_tp: TransTp,
        open_id: OpenId,
        card_module_id: CardModuleId,
        buss_card_no: BussCardNo,
        card_sub_tp: CardSubTp,
    ) -> Self {
        Self {
            trans_tp,
            open_id,
            card_module_id,
            buss_card_no,
            card_sub_tp,
            region: None,
            channel_no: None,
            name: None,
            cert_id: None,
            mobile_no: None,
        }
    }

    /// Where it was issued.
    #[must_use]
    pub fn region(self, region: Region) -> Self {
        Self { region: Some(region), ..self }
    }

    /// The social security's platform.
    #[must_use]
    pub fn channel_no(self, channel_no: ChannelNo) -> Self {
        Self { channel_no: Some(channel_no), ..self }
    }

    /// The holder's name.
    #[must_use]
    pub fn name(self, name: PersonName) -> Self {
        Self { name: Some(name), ..self }
    }

    /// The holder's identity card.
    #[must_use]
    pub fn cert_id(self, cert_id: CertId) -> Self {
        Self { cert_id: Some(cert_id), ..self }
    }

    /// The holder's phone number.
    #[must_use]
    pub fn mobile_no(self, mobile_no: Mobile) -> Self {
        Self { mobile_no: Some(mobile_no), ..self }
    }
}

impl Call for PutIndustryCard {
    type Answer = IndustryCardPut;

    const NAME: &'static str = "putIndustryCard";

    const CREDENTIAL: Credential = Credential::BackendToken;

    const INNER_CODE: Option<&'static str> = Some("resp");

    fn params(&self) -> Params<'_> {
        Params::new()
            .text("cardModuleId", self.card_module_id.as_str())
            .text("bussCardNo", self.buss_card_no.expose())
            .text("cardSubTp", self.card_sub_tp.as_str())
            .text("transTp", self.trans_tp.as_str())
            .text("openId", self.open_id.expose())
            .optional("region", self.region.as_ref().map(Region::as_str))
            .optional("channelNo", self.channel_no.as_ref().map(ChannelNo::as_str))
            .encrypted_optional("name", self.name.as_ref().map(PersonName::expose))
            .encrypted_optional("certId", self.cert_id.as_ref().map(CertId::expose))
            .encrypted_optional("mobileNo", self.mobile_no.as_ref().map(Mobile::expose))
    }

    fn read(&self, _: &Fields, _: Keys<'_>) -> Result<IndustryCardPut, FieldError> {
        Ok(IndustryCardPut)
    }
}

/// What is done with an industry card (`transTp`, 5.7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransTp {
    /// `01`: it is added.
    Add,
    /// `02`: it is changed.
    Update,
    /// `03`: it is taken out.
    Delete,
}

impl TransTp {
    /// As UnionPay writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "01",
            Self::Update => "02",
            Self::Delete => "03",
        }
    }
}

/// It was done with the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndustryCardPut;
