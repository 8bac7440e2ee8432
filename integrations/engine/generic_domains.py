"""Domains that strangers share: a customer is never recognised by one of them."""

_FREE_MAIL = """
126.com 163.com 139.com 189.cn aim.com alice.it aliyun.com aol.com aol.fr arcor.de att.net bbox.fr bellsouth.net
bigpond.com bluewin.ch bol.com.br btinternet.com btopenworld.com cegetel.net centrum.cz charter.net club-internet.fr
comcast.net cox.net daum.net duck.com earthlink.net email.cz email.de fastmail.com fastmail.fm free.fr freenet.de
gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.fr gmx.net googlemail.com hanmail.net hey.com home.nl hotmail.be
hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hushmail.com icloud.com inbox.com inbox.lv
interia.pl juno.com kpnmail.nl laposte.net libero.it live.be live.co.uk live.com live.fr live.nl mac.com mail.com
mail.ru me.com msn.com myyahoo.com naver.com neuf.fr nifty.com ntlworld.com numericable.fr o2.pl onet.pl online.de
optonline.net orange.fr outlook.com outlook.de outlook.es outlook.fr outlook.it pm.me posteo.de proton.me protonmail.com
protonmail.ch qq.com rambler.ru rediffmail.com rocketmail.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com
sky.com skynet.be sohu.com t-online.de talktalk.net telenet.be terra.com.br tin.it tiscali.co.uk tiscali.it tuta.io
tutanota.com uol.com.br verizon.net virgilio.it virginmedia.com voila.fr wanadoo.es wanadoo.fr web.de wp.pl xs4all.nl
yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it
yandex.com yandex.ru yeah.net ymail.com ziggo.nl zoho.com zohomail.com zoznam.sk
"""
# What people type into the website field when the company has no site of its own.
_SHARED_PAGES = """
behance.net blogspot.com bit.ly etsy.com facebook.com fb.com fr.linkedin.com github.com github.io goo.gl google.com
instagram.com linkedin.com linktr.ee m.facebook.com maps.google.com medium.com notion.site pinterest.com
sites.google.com t.me tiktok.com twitter.com uk.linkedin.com vimeo.com vk.com weebly.com wixsite.com wordpress.com
x.com xing.com yelp.com youtu.be youtube.com
"""
GENERIC_DOMAINS = frozenset((_FREE_MAIL + _SHARED_PAGES).split())
